//! Complete files for the commands that take one. A test reads them out of the help and has them checked as a server would.

pub const RULE: &str = r#"A whole rule.json:
  {
    "expression": "attempt.amount >= 20000 && voucher.since_sale < 3600",
    "effect": "challenge",
    "actions": ["notify_owner", "warn_payer", { "cool_down": 600 }, { "guard_network": 3600 }],
    "reason": "A large payment with a voucher that was bought within the last hour.",
    "payer_words": "We ask because this voucher was bought a short while ago.",
    "mode": "shadow"
  }

effect is allow, challenge, review or block, or left out if the rule only acts; mode is live, shadow or off. Other
actions: freeze_voucher, notify_merchant, and guard_terminal and guard_merchant for so many seconds. `scrip risk facts`
lists what an expression may ask; docs/rules.md has the language."#;

pub const PROMOTION_RULE: &str = r#"A whole promotion.json:
  {
    "false_alarm_share": 0.005,
    "gain_min": 0.02,
    "labelled_min": 5000,
    "frauds_min": 100,
    "window_hours": 1440
  }

Without false_alarm_share the average precision is compared."#;

pub const SETTINGS: &str = r#"A whole settings.json; what is left out stays as it is:
  {
    "policy": {
      "appetite_basis_points": 0,
      "unjudged_small_minor_max": 5000,
      "unjudged_small": "allow",
      "unjudged_large": "challenge",
      "explored_basis_points": 100,
      "explored_each_minor_max": 2000,
      "explored_daily_minor_max": 20000
    },
    "merchants": { "1000001": null },
    "review_minutes": 240,
    "second_approval_above_minor": { "EUR": 25000, "PLN": null },
    "training": { "every_days": 7, "labels_min": 200, "frauds_min": 50, "maturity_days": 30 }
  }

A merchant has a policy like the one above, or null for none of its own; a currency without second approval has null."#;

#[cfg(test)]
mod tests;
