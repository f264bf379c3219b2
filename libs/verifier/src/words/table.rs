//! The fields of an entry: their tags, their names, and what their values are made of (docs/transparency.md, "The fields
//! of a group").

use super::value::Part::{self, *};

/// A field's tag, its name, and the parts of its value.
pub type Row = (u8, &'static str, &'static [Part]);

pub const GROUPS: [&str; 5] = ["core", "payer", "merchant", "voucher", "reference"];

/// The accounts of the issuer's books.
pub const ACCOUNTS: [(u16, &str); 8] = [
    (1100, "voucher stock"),
    (1200, "receivable from distributors"),
    (2100, "vouchers, remaining value"),
    (2200, "vouchers, held value"),
    (2300, "payable to merchants"),
    (4100, "maintenance fees"),
    (4200, "merchant fees"),
    (4300, "expired value"),
];

pub const FIELDS: &[Row] = &[
    (1, "fact", &[Case(FACTS)]),
    (2, "time", &[Time("")]),
    (3, "asked by", &[Case(ACTORS)]),
    (4, "posting", &[Posting]),
    (5, "currency", &[Currency("")]),
    (6, "amount", &[Minor("")]),
    (7, "merchant's fee", &[Minor("")]),
    (8, "due at", &[Time("")]),
    (9, "held until", &[Time("")]),
    (10, "capture", &[Case(MODES)]),
    (11, "capture window", &[Span("")]),
    (12, "is final", &[Case(&[("open", &[]), ("final", &[])])]),
    (13, "state before", &[Case(STATES)]),
    (
        14,
        "cancelled by",
        &[Case(&[("merchant", &[]), ("customer", &[])])],
    ),
    (15, "stopped because of", &[Case(&[("mismatch", &[])])]),
    (16, "not before", &[Time("")]),
    (17, "review until", &[Time("")]),
    (
        18,
        "why the order was cancelled",
        &[Case(&[("asked", &[]), ("not confirmed", &[])])],
    ),
    (
        19,
        "product",
        &[Number("", 4), Country("in"), Currency("in")],
    ),
    (20, "denomination", &[Minor("")]),
    (21, "validity", &[Span("")]),
    (
        22,
        "maintenance fee",
        &[Span("first after"), Span("then every"), Minor("")],
    ),
    (23, "document", &[Case(DOCUMENTS)]),
    (24, "content", &[Number("bytes", 8), Digest("digest")]),
    (40, "checkout opened from", &[Address]),
    (41, "address that the shop told", &[Address]),
    (42, "e-mail", &[Text]),
    (43, "attempt, signs", &[Number("", 4)]),
    (44, "address", &[Address]),
    (
        45,
        "where that is",
        &[
            Case(&[("unknown country", &[]), ("", &[Country("")])]),
            Case(&[
                ("no coordinates", &[]),
                ("", &[Degrees("latitude"), Degrees("longitude")]),
            ]),
        ],
    ),
    (46, "device", &[Bytes(16)]),
    (47, "time on the page", &[Span("")]),
    (
        48,
        "how the PIN came",
        &[Case(&[("typed", &[]), ("pasted", &[])])],
    ),
    (49, "milliseconds between keys", &[Number("", 4)]),
    (50, "deviation between keys", &[Number("", 4)]),
    (51, "voucher that was to pay", &[Number("", 8)]),
    (52, "judgement", &[Case(VERDICTS), Digest("record")]),
    (53, "of which address", &[Bytes(16)]),
    (70, "merchant", &[Number("", 4)]),
    (
        71,
        "terms",
        &[
            Case(STANDINGS),
            Span("capture window"),
            Case(MODES),
            Number("fee in hundredths of a percent", 2),
            Case(&[("classic notification", &[]), ("no notification", &[])]),
            Case(&[
                ("duplicates off", &[]),
                ("duplicates flagged", &[]),
                ("duplicates returned", &[]),
            ]),
            Span("within"),
            Number("version", 8),
        ],
    ),
    (72, "name", &[Text]),
    (73, "takes", &[Currency("")]),
    (74, "submerchant", &[Case(STANDINGS), Text]),
    (75, "webhook", &[Text]),
    (76, "webhook's secret", &[Digest("digest")]),
    (77, "payment", &[Object]),
    (78, "URL of success", &[Text]),
    (79, "URL of failure", &[Text]),
    (80, "URL of notification", &[Text]),
    (81, "customer", &[Text]),
    (82, "least age", &[Number("", 1)]),
    (83, "KYC level", &[Case(&[("simple", &[]), ("full", &[])])]),
    (84, "only from", &[Country("")]),
    (85, "submerchant", &[Text]),
    (86, "shop", &[Text]),
    (87, "order reference", &[Text]),
    (88, "refund", &[Object]),
    (89, "comment", &[Text]),
    (90, "first payment for the same order", &[Object]),
    (110, "voucher", &[Number("", 8), Case(EFFECTS)]),
    (
        111,
        "hold",
        &[
            Number("voucher", 8),
            Number("product", 4),
            Country("of"),
            Minor(""),
        ],
    ),
    (112, "share of the capture", &[Minor("")]),
    (
        113,
        "share of the refund",
        &[
            Number("voucher", 8),
            Minor(""),
            Case(&[
                ("back to it", &[]),
                ("to a fresh voucher", &[Number("", 8), Digest("sealed PIN")]),
            ]),
        ],
    ),
    (114, "serial that is asked for", &[Number("", 8)]),
    (
        115,
        "new voucher",
        &[
            Number("", 8),
            Digest("PIN's index"),
            Number("distributor", 8),
            Number("product", 4),
            Country("of"),
            MinorOf,
            Case(&[
                ("not active yet", &[]),
                ("active", &[Time("expires"), Time("first fee")]),
            ]),
        ],
    ),
    (116, "batch", &[Number("", 8)]),
    (117, "distributor", &[Number("", 8)]),
    (
        118,
        "terms",
        &[
            Case(STANDINGS),
            Span("cancellation within"),
            Bare("limits"),
            Bare(""),
            Bare(""),
            Bare(""),
            Bare(""),
        ],
    ),
    (119, "name", &[Text]),
    (120, "confirmation within", &[Span("")]),
    (121, "order", &[Number("distributor", 8), Token]),
    (
        122,
        "delivery",
        &[
            Number("voucher", 8),
            MinorOf,
            Number("product", 4),
            Country("of"),
            Digest("sealed PIN"),
            Time("at"),
            Case(&[("delivered", &[]), ("cancelled", &[])]),
            Number("version", 8),
            Case(&[
                ("no confirmation needed", &[]),
                ("confirmation awaited", &[Time("until")]),
                ("confirmed", &[Time("at")]),
            ]),
        ],
    ),
    (123, "shop", &[Text]),
    (124, "terminal", &[Token]),
    (125, "whose contact", &[Number("voucher", 8)]),
    (140, "number of whoever asked", &[Number("", 8)]),
    (141, "idempotency key, digest", &[Bytes(16)]),
    (142, "fingerprint", &[Bytes(16)]),
    (143, "API key, digest", &[Bytes(32)]),
    (
        144,
        "owner",
        &[
            Case(&[("merchant", &[]), ("distributor", &[]), ("person", &[])]),
            Number("", 8),
        ],
    ),
    (
        145,
        "who cancelled",
        &[Case(&[
            ("merchant", &[]),
            ("customer", &[]),
            ("too many wrong PINs", &[]),
            ("duplicate", &[]),
            ("risk", &[]),
            ("too many wrong answers", &[]),
            ("reviewer", &[]),
        ])],
    ),
    (146, "person", &[Number("", 4)]),
    (
        147,
        "label",
        &[
            Case(&[("fraud", &[]), ("good", &[])]),
            Case(&[
                ("by an analyst", &[]),
                ("by a dispute", &[]),
                ("by a chargeback", &[]),
                ("by a confirmation", &[]),
            ]),
        ],
    ),
];

type Cases = &'static [(&'static str, &'static [Part])];

const FACTS: Cases = &[
    ("merchant saved", &[]),
    ("distributor saved", &[]),
    ("product saved", &[]),
    ("API key issued", &[]),
    ("API key revoked", &[]),
    ("vouchers issued", &[]),
    ("voucher changed", &[Case(VOUCHER_CHANGES)]),
    ("order delivered", &[]),
    ("order cancelled", &[]),
    ("payment created", &[]),
    ("payment changed", &[Case(PAYMENT_CHANGES)]),
    ("order confirmed", &[]),
    ("document saved", &[]),
];

const VOUCHER_CHANGES: Cases = &[
    ("activated", &[]),
    ("held", &[]),
    ("released", &[]),
    ("captured", &[]),
    ("refunded", &[]),
    ("frozen", &[]),
    ("unfrozen", &[]),
    ("fee taken", &[]),
    ("expired", &[]),
    ("voided", &[]),
];

const PAYMENT_CHANGES: Cases = &[
    ("opened by the payer", &[]),
    ("wrong PIN", &[]),
    ("authorised", &[]),
    ("captured", &[]),
    ("cancelled", &[]),
    ("expired", &[]),
    ("refund checked", &[]),
    ("refunded", &[]),
    ("refund lapsed", &[]),
    ("flagged as a duplicate", &[]),
    ("stopped", &[]),
    ("resumed", &[]),
    ("challenged", &[]),
    ("wrong answer", &[]),
    ("held for review", &[]),
    ("approved by one of two", &[]),
    ("let go after review", &[]),
    ("labelled", &[]),
    ("payer erased", &[]),
];

const EFFECTS: Cases = &[
    (
        "activated",
        &[Minor(""), Time("expires"), Time("first fee")],
    ),
    ("held", &[Minor("")]),
    ("released", &[Minor("")]),
    ("captured", &[Minor("")]),
    ("refunded", &[Minor("")]),
    (
        "frozen",
        &[Case(&[
            ("by its owner", &[]),
            ("by the issuer", &[]),
            ("for a mismatch", &[]),
            ("for risk", &[]),
        ])],
    ),
    ("unfrozen", &[]),
    ("fee taken", &[Minor(""), Time("next")]),
    ("expired", &[Minor("")]),
    (
        "voided",
        &[Minor(""), Case(&[("not sold", &[]), ("sold", &[])])],
    ),
];

const ACTORS: Cases = &[
    ("merchant", &[]),
    ("distributor", &[]),
    ("payer", &[]),
    ("operator", &[]),
    ("timer", &[]),
    ("person", &[]),
];

const MODES: Cases = &[("captured by the merchant", &[]), ("captured at once", &[])];
const STANDINGS: Cases = &[("active", &[]), ("suspended", &[])];
const VERDICTS: Cases = &[
    ("allow", &[]),
    ("challenge", &[]),
    ("review", &[]),
    ("block", &[]),
];

const STATES: Cases = &[
    ("initiated", &[]),
    ("redirected", &[]),
    ("authorised", &[]),
    ("success", &[]),
    ("cancelled by merchant", &[]),
    ("cancelled by customer", &[]),
    ("expired", &[]),
];

const DOCUMENTS: Cases = &[
    ("person", &[]),
    ("risk settings", &[]),
    ("risk rules", &[Bytes(32)]),
    ("risk model", &[Bytes(32)]),
    ("contact of a voucher", &[]),
    ("what an address was asked", &[]),
    ("statement of liabilities", &[]),
];
