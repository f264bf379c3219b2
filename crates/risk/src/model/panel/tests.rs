use super::*;
use crate::fact::{FactType, Kind};
use crate::model::binding::Definitions;
use crate::model::settings::Settings;
use crate::model::stream::{self, Dice, quick_settings, training_set};
use crate::model::train::train;
use ids::time::Timestamp;

struct Values(Vec<f32>);

impl Facts for Values {
    fn number(&self, index: usize) -> f32 {
        self.0[index]
    }

    fn text(&self, _: usize) -> Option<&str> {
        None
    }
}

fn catalogue() -> Catalogue {
    let fact = |name| FactType {
        name,
        kind: Kind::Number,
        unit: "",
        meaning: String::new(),
    };
    Catalogue::new(stream::feature_names().into_iter().map(fact).collect())
}

fn artifact(seed: u64) -> Arc<Artifact> {
    let set = training_set(6_000, 1);
    let settings = Settings {
        trees_max: 10,
        ..quick_settings()
    };
    let trained = train(&set.known_at(Timestamp::NEVER), &settings, seed).unwrap();
    let definitions = Definitions::of(set.features(), &catalogue(), 1).unwrap();
    Arc::new(Artifact::of_training(trained, definitions).unwrap())
}

#[test]
fn challengers_are_asked_alongside_and_change_nothing() {
    let (one, two, three) = (artifact(1), artifact(2), artifact(3));
    let alone = Panel::new(one.clone(), Vec::new(), &catalogue(), 1).unwrap();
    let among = Panel::new(
        one.clone(),
        vec![two.clone(), three.clone()],
        &catalogue(),
        1,
    )
    .unwrap();
    let mut dice = Dice(5);
    for _ in 0..100 {
        let facts = Values(stream::row(&mut dice));
        let verdicts = among.judge(&facts);
        assert_eq!(alone.judge(&facts).champion, verdicts.champion);
        assert_eq!(alone.judge(&facts).challengers, [None; CHALLENGERS_MAX]);
        for (verdict, artifact) in verdicts.challengers.iter().zip([&two, &three]) {
            let verdict = verdict.unwrap();
            assert_eq!(verdict.model, artifact.hash());
            assert_eq!(verdict.judged, artifact.judge(&facts.0));
            assert_eq!(verdict.level, artifact.level_by_budget(verdict.judged));
        }
        assert_eq!(verdicts.challengers[2..], [None; CHALLENGERS_MAX - 2]);
        assert_eq!(among.contributions(&facts), one.contributions(&facts.0));
    }
    let hashes: Vec<ModelHash> = among
        .challengers()
        .map(|artifact| artifact.hash())
        .collect();
    assert_eq!(hashes, [two.hash(), three.hash()]);
}

#[test]
fn a_panel_of_models_that_cannot_be_asked_is_refused() {
    let one = artifact(1);
    let many = vec![one.clone(); CHALLENGERS_MAX + 1];
    let refused = Panel::new(one.clone(), many, &catalogue(), 1).err();
    assert_eq!(refused, Some(PanelRefusal::TooMany { found: 5 }));
    let refused = Panel::new(one.clone(), Vec::new(), &catalogue(), 2).err();
    let (model, reason) = (one.hash(), BindingRefusal::Changed);
    assert_eq!(refused, Some(PanelRefusal::Model { model, reason }));
}
