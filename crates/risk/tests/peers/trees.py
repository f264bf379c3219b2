"""Trains models with LightGBM and XGBoost and writes what they say, for the import to be compared with.

Usage: trees.py DIRECTORY SEED. Writes lightgbm.txt, xgboost.json and expected.json.
"""

import json
import pathlib
import sys

import lightgbm
import numpy
import xgboost

NAMES = [f"peer.value_{column}" for column in range(12)]


def rows(random, count):
    values = random.normal(size=(count, len(NAMES)))
    values[:, 3] = numpy.exp(4 * values[:, 3])
    values[:, 4] = numpy.floor(3 * values[:, 4])
    values[:, 5] = values[:, 5] > 1
    values[random.random(values.shape) < 0.15] = numpy.nan
    return values.astype(numpy.float32)


def labels(random, values):
    known = numpy.nan_to_num(values)
    risk = known[:, 0] + known[:, 1] * known[:, 2] + 0.3 * known[:, 4] + 2 * known[:, 5] - 2
    return (random.random(len(values)) < 1 / (1 + numpy.exp(-risk))).astype(int)


def main():
    directory, seed = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    random = numpy.random.default_rng(seed)
    values = rows(random, 8000)
    fraud = labels(random, values)

    light = lightgbm.train(
        {"objective": "binary", "num_leaves": 31, "max_bin": 1023, "seed": seed, "num_threads": 1, "verbose": -1},
        lightgbm.Dataset(values, fraud, feature_name=NAMES),
        num_boost_round=120,
    )
    light.save_model(directory / "lightgbm.txt")

    extreme = xgboost.train(
        {"objective": "binary:logistic", "max_depth": 6, "max_bin": 1024, "eta": 0.1, "subsample": 0.8, "seed": seed, "nthread": 1},
        xgboost.DMatrix(values, fraud, feature_names=NAMES),
        num_boost_round=120,
    )
    extreme.save_model(directory / "xgboost.json")

    asked = rows(random, 2000)
    # Nothing known, nothing but zeros, what is far outside, and values that stand exactly on limits.
    asked[0] = numpy.nan
    asked[1] = 0
    asked[2] = 1e30
    asked[3] = -1e30
    asked[4:1000] = values[:996]
    (directory / "expected.json").write_text(
        json.dumps(
            {
                "rows": [[None if numpy.isnan(value) else float(value) for value in row] for row in asked],
                "lightgbm": light.predict(asked, num_threads=1).tolist(),
                "xgboost": extreme.predict(xgboost.DMatrix(asked, feature_names=NAMES)).astype(float).tolist(),
                "xgboost_contributions": extreme.predict(
                    xgboost.DMatrix(asked[:50], feature_names=NAMES), pred_contribs=True, approx_contribs=True
                ).astype(float).tolist(),
            }
        )
    )


main()
