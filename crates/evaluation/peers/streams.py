"""Writes the stream of a simulator from PyPI as CSV, for our evaluation to read.

Usage: streams.py synccfd|fraudtwin OUT.csv SEED.
"""

import csv
import datetime
import sys

SYNCCFD = {"n_customers": 2_000, "n_terminals": 4_000, "nb_days": 120, "start_date": "2025-01-01"}

FRAUDTWIN_DAYS = 60
FRAUDTWIN_PAYMENTS_A_DAY = 1_000
# For each of its five schemes.
FRAUDTWIN_CAMPAIGNS = 120
FRAUDTWIN_PEOPLE = {
    "customers": 3_000,
    "institutions": 5,
    "accounts": 6_000,
    "cards": 5_000,
    "merchants": 200,
    "devices": 5_000,
    "pix_keys": 3_000,
}


def synccfd(out, seed):
    from synccfd import DatasetGenerator

    _, _, payments = DatasetGenerator(random_state=seed, **SYNCCFD).generate()
    # Some frauds are moved to another day.
    payments = payments.sort_values(["TX_DATETIME", "TRANSACTION_ID"])
    payments.to_csv(out, index=False, date_format="%Y-%m-%d %H:%M:%S")


def fraudtwin(out, seed):
    import fraudtwin
    import yaml
    from importlib.resources import files

    from fraudtwin.simulation.payments import PaymentGenerator

    # Balances are not kept: of long histories the simulator says that an account is exhausted.
    PaymentGenerator.materialize_ledger = lambda self, payments, events: ()
    PaymentGenerator._materialize_ledger = lambda self, specifications: ()
    values = yaml.safe_load(files("fraudtwin").joinpath("defaults/minimal.yaml").read_text())
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
    values["simulation"].update(seed=seed, duration_days=FRAUDTWIN_DAYS)
    values["population"].update(FRAUDTWIN_PEOPLE)
    values["payments"]["daily_target"] = FRAUDTWIN_PAYMENTS_A_DAY
    values["behavior"]["amount_max"] = 300.0
    values["fraud"].update(
        enabled=True,
        target_rate=0.05,
        scenario_count=5 * FRAUDTWIN_CAMPAIGNS,
        hard_negative_rate=1.0,
        scenarios={f"F0{number}": {"count": FRAUDTWIN_CAMPAIGNS} for number in range(1, 6)},
    )
    values["dataset"]["enabled"] = False
    # Without a regime all campaigns begin in the first second.
    values["backtest"] = {
        "regimes": [
            {"id": "all", "from": start.isoformat(), "to": (start + datetime.timedelta(FRAUDTWIN_DAYS - 1)).isoformat()}
        ]
    }
    path = out + ".yaml"
    with open(path, "w") as file:
        yaml.safe_dump(values, file)
    behaviour = fraudtwin.generate(path).behavior
    records = {record.payment_id: record for record in behaviour.fraud_records}
    devices = {event.payment_id: event.device_id for event in behaviour.payment_events if event.device_id}
    with open(out, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "at", "amount", "payer", "payee", "device", "rail", "declined", "fraud", "kind"])
        for payment in sorted(behaviour.payments, key=lambda payment: (payment.initiated_at, payment.payment_id)):
            record = records.get(payment.payment_id)
            writer.writerow(
                [
                    payment.payment_id,
                    payment.initiated_at.isoformat(),
                    f"{payment.amount:.2f}",
                    payment.payer_account_id,
                    payment.merchant_id or payment.payee_account_id,
                    devices.get(payment.payment_id, ""),
                    payment.payment_rail,
                    int(payment.current_status == "DECLINED"),
                    int(bool(record and record.fraud_truth)),
                    "" if record is None else record.scenario_type if record.fraud_truth else "hard negative",
                ]
            )


{"synccfd": synccfd, "fraudtwin": fraudtwin}[sys.argv[1]](sys.argv[2], int(sys.argv[3]))
