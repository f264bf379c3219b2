"""LightGBM on the 15 features of the Fraud Detection Handbook, as a baseline.

Usage: baseline.py STREAM DELAY_DAYS TRAIN_FROM TRAIN_UNTIL TEST_FROM SCORES, periods in days of the stream.
STREAM has the columns second, card, terminal, amount, fraud, in the order of time. SCORES gets one score a line, for each
payment from TEST_FROM on.
"""

import sys

import lightgbm
import numpy

DAY = 86_400
WINDOWS = (1, 7, 30)
# Parts the times of one entity from those of the next: more than the stream and its longest windows take.
APART = 1 << 27


def windows(entity, second, value, delay):
    """Count and sum of the value over each window that ends `delay` seconds ago, of the same entity."""
    order = numpy.lexsort((second, entity))
    key = entity[order] * APART + second[order] + APART // 2
    sums = numpy.concatenate(([0.0], numpy.cumsum(value[order])))
    place = numpy.arange(len(order)) + 1
    end = numpy.searchsorted(key, key - delay, "right") if delay else place
    for days in WINDOWS:
        begin = numpy.searchsorted(key, key - delay - days * DAY, "right")
        count, total = numpy.empty(len(order)), numpy.empty(len(order))
        count[order], total[order] = end - begin, sums[end] - sums[begin]
        yield count, numpy.divide(total, count, out=numpy.zeros(len(order)), where=count > 0)


def features(second, card, terminal, amount, fraud, delay):
    day = second // DAY
    # The first day is a Sunday; the handbook counts from Monday, and calls the hours until six night.
    columns = [amount, ((day + 6) % 7 >= 5).astype(float), (second % DAY // 3600 <= 6).astype(float)]
    for count, mean in windows(card, second, amount, 0):
        columns += [count, mean]
    for count, risk in windows(terminal, second, fraud.astype(float), delay):
        columns += [count, risk]
    return numpy.column_stack(columns)


def main():
    stream, scores = sys.argv[1], sys.argv[6]
    delay, train_from, train_until, test_from = (int(word) for word in sys.argv[2:6])
    columns = numpy.loadtxt(stream, delimiter=",", skiprows=1, dtype=numpy.int64, unpack=True)
    second, card, terminal, amount, fraud = columns
    rows = features(second, card, terminal, amount / 100.0, fraud, delay * DAY)
    assert rows.shape[1] == 15
    day = second // DAY
    train, test = (train_from <= day) & (day < train_until), test_from <= day
    model = lightgbm.train(
        {
            "objective": "binary",
            "learning_rate": 0.05,
            "num_leaves": 31,
            "seed": 1,
            "deterministic": True,
            "num_threads": 2,
            "verbose": -1,
        },
        lightgbm.Dataset(rows[train], fraud[train]),
        num_boost_round=200,
    )
    numpy.savetxt(scores, model.predict(rows[test]), fmt="%.9g")


main()
