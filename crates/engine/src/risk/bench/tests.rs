use ids::time::Timestamp;
use risk::decision::values::Schema;
use risk::feature;
use risk::rule::defaults;
use risk::rule_set::RuleSet;

#[test]
fn the_shipped_rules_ask_facts_that_there_are() {
    let schema = Schema::new(feature::catalogue()).unwrap();
    let mut rules = RuleSet::empty();
    let mut refused = Vec::new();
    for edit in defaults::edits() {
        match rules.apply(&edit, schema.catalogue(), Timestamp(0)) {
            Ok(next) => rules = next,
            Err(error) => refused.push(error.to_string()),
        }
    }
    assert!(refused.is_empty(), "{refused:#?}");
}
