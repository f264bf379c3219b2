//! Rules and lists, as the issuer's people write them.

use ids::time::Span;
use risk::list::List;
use risk::name::Name;
use risk::rule::{Action, CheckedRule, Guarded, Mode, Rule};
use risk::rule_set::RuleSet;
use risk::verdict::Verdict;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::wire::Milliseconds;

/// A rule without its name, which the address says.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RiskRule)]
pub struct RuleBody {
    /// In CEL, over the facts of an attempt.
    #[schema(example = "address.wrong_pins_1h >= 4.5 && address.wrong_pin_share_1d >= 0.5")]
    pub expression: String,
    /// What the rule says of attempts that it matches; missing if it only acts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(inline)]
    pub effect: Option<EffectWord>,
    #[serde(default)]
    #[schema(inline)]
    pub actions: Vec<ActionWord>,
    /// Why, in plain words, for analysts and merchants.
    pub reason: String,
    /// What the payer reads.
    #[serde(default)]
    pub payer_words: String,
    #[schema(inline)]
    pub mode: ModeWord,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum EffectWord {
    Allow,
    Challenge,
    Review,
    Block,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ModeWord {
    Live,
    /// Asked and written down, without effect.
    Shadow,
    Off,
}

/// What a rule does besides its verdict. Times are in seconds.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ActionWord {
    FreezeVoucher,
    NotifyOwner,
    NotifyMerchant,
    WarnPayer,
    CoolDown(i64),
    GuardNetwork(i64),
    GuardTerminal(i64),
    GuardMerchant(i64),
}

/// The rules and lists in force.
#[derive(Serialize, ToSchema)]
#[schema(as = RiskRules)]
pub struct Rules {
    pub version: u64,
    /// SHA-256 of the version and all that it holds.
    pub hash: String,
    /// In the order in which they are asked.
    pub rules: Vec<NamedRule>,
    pub lists: Vec<ListWord>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = NamedRiskRule)]
pub struct NamedRule {
    pub name: String,
    #[serde(flatten)]
    pub body: RuleBody,
}

#[derive(Serialize, ToSchema)]
#[schema(as = RiskList)]
pub struct ListWord {
    pub name: String,
    /// `networks` or `texts`.
    pub kind: &'static str,
    pub entries: Vec<EntryWord>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = RiskListEntry)]
pub struct EntryWord {
    pub entry: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Milliseconds>,
}

/// Until when an entry stays on its list.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RiskListEntryTerms)]
pub struct EntryTerms {
    /// Seconds from now; missing if it stays.
    #[schema(minimum = 1)]
    pub seconds: Option<u32>,
}

impl Rules {
    pub fn of(set: &RuleSet) -> Rules {
        Rules {
            version: set.version(),
            hash: hex::encode(set.hash()),
            rules: set.rules().iter().map(|rule| NamedRule::of(rule)).collect(),
            lists: set.lists().iter().map(|list| ListWord::of(list)).collect(),
        }
    }
}

impl NamedRule {
    fn of(checked: &CheckedRule) -> NamedRule {
        let rule = checked.rule();
        NamedRule {
            name: rule.name.to_string(),
            body: RuleBody {
                expression: rule.expression.clone(),
                effect: rule.effect.map(EffectWord::from),
                actions: rule
                    .actions
                    .iter()
                    .map(|it| ActionWord::from(*it))
                    .collect(),
                reason: rule.reason.clone(),
                payer_words: rule.payer_words.clone(),
                mode: rule.mode.into(),
            },
        }
    }
}

impl ListWord {
    fn of(list: &List) -> ListWord {
        let entries = list.entries().map(|(entry, until)| EntryWord {
            entry,
            until: until.map(Milliseconds::from),
        });
        ListWord {
            name: list.name().to_string(),
            kind: list.kind().word(),
            entries: entries.collect(),
        }
    }
}

impl RuleBody {
    pub fn named(self, name: Name) -> Rule {
        Rule {
            name,
            expression: self.expression,
            effect: self.effect.map(Verdict::from),
            actions: self.actions.into_iter().map(Action::from).collect(),
            reason: self.reason,
            payer_words: self.payer_words,
            mode: self.mode.into(),
        }
    }
}

impl From<EffectWord> for Verdict {
    fn from(word: EffectWord) -> Verdict {
        match word {
            EffectWord::Allow => Verdict::Allow,
            EffectWord::Challenge => Verdict::Challenge,
            EffectWord::Review => Verdict::Review,
            EffectWord::Block => Verdict::Block,
        }
    }
}

impl From<Verdict> for EffectWord {
    fn from(verdict: Verdict) -> EffectWord {
        match verdict {
            Verdict::Allow => EffectWord::Allow,
            Verdict::Challenge => EffectWord::Challenge,
            Verdict::Review => EffectWord::Review,
            Verdict::Block => EffectWord::Block,
        }
    }
}

impl From<ModeWord> for Mode {
    fn from(word: ModeWord) -> Mode {
        match word {
            ModeWord::Live => Mode::Live,
            ModeWord::Shadow => Mode::Shadow,
            ModeWord::Off => Mode::Off,
        }
    }
}

impl From<Mode> for ModeWord {
    fn from(mode: Mode) -> ModeWord {
        match mode {
            Mode::Live => ModeWord::Live,
            Mode::Shadow => ModeWord::Shadow,
            Mode::Off => ModeWord::Off,
        }
    }
}

impl From<ActionWord> for Action {
    fn from(word: ActionWord) -> Action {
        let span = |seconds: i64| Span(seconds.saturating_mul(Span::SECOND.0));
        match word {
            ActionWord::FreezeVoucher => Action::FreezeVoucher,
            ActionWord::NotifyOwner => Action::NotifyOwner,
            ActionWord::NotifyMerchant => Action::NotifyMerchant,
            ActionWord::WarnPayer => Action::WarnPayer,
            ActionWord::CoolDown(seconds) => Action::CoolDown(span(seconds)),
            ActionWord::GuardNetwork(seconds) => {
                Action::RaiseGuard(Guarded::Network, span(seconds))
            }
            ActionWord::GuardTerminal(seconds) => {
                Action::RaiseGuard(Guarded::Terminal, span(seconds))
            }
            ActionWord::GuardMerchant(seconds) => {
                Action::RaiseGuard(Guarded::Merchant, span(seconds))
            }
        }
    }
}

impl From<Action> for ActionWord {
    fn from(action: Action) -> ActionWord {
        match action {
            Action::FreezeVoucher => ActionWord::FreezeVoucher,
            Action::NotifyOwner => ActionWord::NotifyOwner,
            Action::NotifyMerchant => ActionWord::NotifyMerchant,
            Action::WarnPayer => ActionWord::WarnPayer,
            Action::CoolDown(span) => ActionWord::CoolDown(span.seconds()),
            Action::RaiseGuard(Guarded::Network, span) => ActionWord::GuardNetwork(span.seconds()),
            Action::RaiseGuard(Guarded::Terminal, span) => {
                ActionWord::GuardTerminal(span.seconds())
            }
            Action::RaiseGuard(Guarded::Merchant, span) => {
                ActionWord::GuardMerchant(span.seconds())
            }
        }
    }
}
