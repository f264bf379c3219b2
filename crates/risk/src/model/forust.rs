//! Trees of the crate `forust-ml`: the second, so that no decision depends on one crate alone.

use forust_ml::GradientBooster;
use forust_ml::gradientbooster::ImportanceMethod;
use forust_ml::objective::ObjectiveType;
use forust_ml::tree::Tree;

use super::limits::{DEPTH_MAX, FEATURES_MAX, NODES_MAX, TREE_BYTES_MAX, TREES_MAX};
use super::{Contributions, Model, TreesRefusal, check_at_most, known_or_nan};

const UNKNOWN: f64 = f64::NAN;

pub struct ForustModel {
    features: Vec<String>,
    booster: GradientBooster,
    /// How many of the trees count: those up to the best round.
    trees: usize,
}

impl ForustModel {
    pub fn new(
        features: Vec<String>,
        booster: GradientBooster,
    ) -> Result<ForustModel, TreesRefusal> {
        let trees = booster.prediction_iteration.unwrap_or(booster.trees.len());
        check(&features, &booster, trees)?;
        Ok(ForustModel {
            features,
            booster,
            trees,
        })
    }

    pub fn decode(features: Vec<String>, bytes: &[u8]) -> Result<ForustModel, TreesRefusal> {
        check_at_most("bytes of trees", TREE_BYTES_MAX, bytes.len())?;
        let text = std::str::from_utf8(bytes).map_err(unreadable)?;
        let booster = GradientBooster::from_json(text).map_err(unreadable)?;
        ForustModel::new(features, booster)
    }

    /// The trees as [`ForustModel::decode`] takes them.
    pub fn encode(&self) -> Result<Vec<u8>, TreesRefusal> {
        let text = self.booster.json_dump().map_err(unreadable)?;
        check_at_most("bytes of trees", TREE_BYTES_MAX, text.len())?;
        Ok(text.into_bytes())
    }

    /// Each feature's part in the gain of all splits, adding up to 1; all zero if no tree splits.
    pub fn importance(&self) -> Vec<f64> {
        let gains = self
            .booster
            .calculate_feature_importance(ImportanceMethod::TotalGain, true);
        (0..self.features.len())
            .map(|feature| gains.get(&feature).map_or(0.0, |gain| f64::from(*gain)))
            .collect()
    }

    pub fn trees(&self) -> usize {
        self.trees
    }

    /// The values as forust reads them, in the caller's memory.
    fn widened<'a>(&self, row: &[f32], room: &'a mut [f64; FEATURES_MAX]) -> &'a [f64] {
        assert_eq!(row.len(), self.features.len(), "a value for each feature");
        for (wide, value) in room.iter_mut().zip(row) {
            *wide = f64::from(known_or_nan(*value));
        }
        &room[..row.len()]
    }
}

impl Model for ForustModel {
    fn features(&self) -> &[String] {
        &self.features
    }

    fn score(&self, row: &[f32]) -> f32 {
        let mut room = [0.0; FEATURES_MAX];
        let row = self.widened(row, &mut room);
        let trees = &self.booster.trees[..self.trees];
        let log_odds = trees.iter().fold(self.booster.base_score, |sum, tree| {
            sum + tree.predict_row_from_row_slice(row, &UNKNOWN)
        });
        (1.0 / (1.0 + (-log_odds).exp())) as f32
    }

    /// By the change of the mean from node to node on the row's way down each tree.
    fn contributions(&self, row: &[f32]) -> Contributions {
        let mut room = [0.0; FEATURES_MAX];
        let row = self.widened(row, &mut room);
        let mut sums = vec![0.0; row.len() + 1];
        for tree in &self.booster.trees[..self.trees] {
            tree.predict_contributions_row_weight(row, &mut sums, &UNKNOWN);
        }
        let base = self.booster.base_score + sums[row.len()];
        Contributions {
            base: base as f32,
            features: sums[..row.len()].iter().map(|sum| *sum as f32).collect(),
        }
    }
}

/// Whether these trees can serve. The crate's own reader takes any numbers for its nodes.
fn check(features: &[String], booster: &GradientBooster, trees: usize) -> Result<(), TreesRefusal> {
    check_at_most("features", FEATURES_MAX, features.len())?;
    check_at_most("trees", TREES_MAX, booster.trees.len())?;
    let nodes = booster.trees.iter().map(|tree| tree.nodes.len()).sum();
    check_at_most("nodes", NODES_MAX, nodes)?;
    if trees == 0 || booster.trees.len() < trees {
        return Err(TreesRefusal::NotServed {
            what: "has no trees, or fewer than it says",
        });
    }
    if !matches!(booster.objective_type, ObjectiveType::LogLoss)
        || !booster.missing.is_nan()
        || !booster.base_score.is_finite()
    {
        return Err(TreesRefusal::NotServed {
            what: "does not give a probability, or takes a number for unknown",
        });
    }
    booster
        .trees
        .iter()
        .try_for_each(|tree| check_tree(tree, features.len()))
}

/// Every node but the root is the child of exactly one that stands before it, so that each way down ends.
fn check_tree(tree: &Tree, features: usize) -> Result<(), TreesRefusal> {
    let mut depths: Vec<Option<usize>> = vec![None; tree.nodes.len()];
    match depths.first_mut() {
        Some(root) => *root = Some(0),
        None => return Err(unreadable("a tree has no nodes")),
    }
    for (place, node) in tree.nodes.iter().enumerate() {
        let Some(depth) = depths[place] else {
            return Err(unreadable("a node hangs below none that stands before it"));
        };
        check_at_most("splits one below the other", DEPTH_MAX, depth)?;
        if !node.weight_value.is_finite() || node.split_value.is_nan() {
            return Err(unreadable("a node's weight or limit is no number"));
        }
        if node.is_leaf {
            continue;
        }
        if features <= node.split_feature {
            return Err(unreadable("a node asks for a feature that is not there"));
        }
        let children = [node.left_child, node.right_child];
        let is_missing_apart = !children.contains(&node.missing_node);
        let missing = is_missing_apart.then_some(node.missing_node);
        for child in children.into_iter().chain(missing) {
            match depths.get_mut(child) {
                Some(below @ None) if place < child => *below = Some(depth + 1),
                _ => return Err(unreadable("a node's child is not a node of its own")),
            }
        }
    }
    Ok(())
}

fn unreadable(reason: impl ToString) -> TreesRefusal {
    TreesRefusal::Unreadable {
        reason: reason.to_string(),
    }
}

#[cfg(test)]
mod tests;
