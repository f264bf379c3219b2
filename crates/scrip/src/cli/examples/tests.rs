use api::wire::model::RuleTerms;
use api::wire::risk_settings::SettingsChange;
use api::wire::rule::RuleBody;
use clap::CommandFactory;
use ids::time::Timestamp;
use risk::decision::values::Schema;
use risk::feature;
use risk::name::Name;
use risk::rule::defaults;
use risk::rule_set::Edit;
use risk::settings::Settings;

use crate::cli::Cli;

/// The JSON in the help of `scrip risk COMMAND`.
fn example(command: &str) -> String {
    let mut cli = Cli::command();
    let risk = cli.find_subcommand_mut("risk").unwrap();
    let found = risk.find_subcommand_mut(command).unwrap();
    let help = found.render_long_help().to_string();
    let begin = help.find("  {\n").unwrap();
    let end = help[begin..].find("\n  }\n").unwrap();
    help[begin..begin + end + 4].to_owned()
}

#[test]
fn the_example_of_a_rule_is_accepted() {
    let body: RuleBody = serde_json::from_str(&example("save-rule")).unwrap();
    let rule = body.named(Name::parse("example").unwrap());
    let schema = Schema::new(feature::catalogue()).unwrap();
    let set = defaults::rule_set(schema.catalogue(), Timestamp(0)).unwrap();
    set.apply(&Edit::SaveRule(rule), schema.catalogue(), Timestamp(0))
        .unwrap();
}

#[test]
fn the_example_of_a_promotion_rule_is_accepted() {
    let terms: RuleTerms = serde_json::from_str(&example("promotion-rule")).unwrap();
    terms.rule().check().unwrap();
}

#[test]
fn the_example_of_settings_is_accepted() {
    let change: SettingsChange = serde_json::from_str(&example("settings")).unwrap();
    let Ok(change) = change.checked() else {
        panic!("the merchants have numbers");
    };
    let mut settings = Settings::new([7; 32]);
    change.make(&mut settings);
    settings.encode().unwrap();
}
