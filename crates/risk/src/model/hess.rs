//! Trees of the crate `hessboost`: the choice for champions, fast and deterministic.

use hessboost::data::DMatrix;
use hessboost::model::{BoostedModel, ImportanceType, Iterations, ModelFormat};
use hessboost::objective::Objective;

use super::limits::{DEPTH_MAX, FEATURES_MAX, NODES_MAX, TREE_BYTES_MAX, TREES_MAX};
use super::{Contributions, Model, TreesRefusal, check_at_most, known_or_nan};

/// First bytes of trees that are stored without compression. The reader would also take a compressed file, which may be
/// a thousandth of the memory that it asks for.
const PLAIN_MAGIC: &[u8] = b"HBM\0";

pub struct HessboostModel {
    features: Vec<String>,
    trees: BoostedModel,
}

impl HessboostModel {
    pub fn new(features: Vec<String>, trees: BoostedModel) -> Result<HessboostModel, TreesRefusal> {
        check(&features, &trees)?;
        let model = HessboostModel { features, trees };
        // The first row makes the layout for all others; better now than in a payment.
        model.score(&vec![f32::NAN; model.features.len()]);
        Ok(model)
    }

    pub fn decode(features: Vec<String>, bytes: &[u8]) -> Result<HessboostModel, TreesRefusal> {
        check_at_most("bytes of trees", TREE_BYTES_MAX, bytes.len())?;
        if !bytes.starts_with(PLAIN_MAGIC) {
            return Err(unreadable("the first bytes are not those of hessboost"));
        }
        let trees = BoostedModel::decode(bytes, ModelFormat::Binary).map_err(unreadable)?;
        HessboostModel::new(features, trees)
    }

    /// The trees as [`HessboostModel::decode`] takes them.
    pub fn encode(&self) -> Result<Vec<u8>, TreesRefusal> {
        let bytes = self.trees.encode(ModelFormat::Binary).map_err(unreadable)?;
        let plain = if bytes.starts_with(PLAIN_MAGIC) {
            bytes
        } else {
            zstd::bulk::decompress(&bytes, TREE_BYTES_MAX).map_err(unreadable)?
        };
        check_at_most("bytes of trees", TREE_BYTES_MAX, plain.len())?;
        Ok(plain)
    }

    /// Each feature's part in the gain of all splits, adding up to 1; all zero if no tree splits.
    pub fn importance(&self) -> Vec<f64> {
        let gains = self.trees.feature_importance(ImportanceType::TotalGain);
        let total: f64 = gains.values().sum();
        (0..self.features.len())
            .map(|feature| gains.get(&feature).map_or(0.0, |gain| gain / total))
            .collect()
    }

    pub fn trees(&self) -> usize {
        match self.trees.best_iteration() {
            Some(best) => (best + 1) * self.trees.trees_per_iteration(),
            None => self.trees.num_trees(),
        }
    }
}

impl Model for HessboostModel {
    fn features(&self) -> &[String] {
        &self.features
    }

    fn score(&self, row: &[f32]) -> f32 {
        match self.trees.predict_row(row, Iterations::Best) {
            Ok(score) => score,
            Err(_) => {
                assert_eq!(row.len(), self.features.len(), "a value for each feature");
                let mut known = [f32::NAN; FEATURES_MAX];
                let known = &mut known[..row.len()];
                for (known, value) in known.iter_mut().zip(row) {
                    *known = known_or_nan(*value);
                }
                let score = self.trees.predict_row(known, Iterations::Best);
                score.expect("the width is right, no value is infinite, and the trees were checked")
            }
        }
    }

    fn contributions(&self, row: &[f32]) -> Contributions {
        assert_eq!(row.len(), self.features.len(), "a value for each feature");
        let known: Vec<f32> = row.iter().copied().map(known_or_nan).collect();
        let matrix = DMatrix::from_dense_vec(known, 1, row.len())
            .expect("one row of as many values as there are features, none of them infinite");
        let contributions = self
            .trees
            .predict_contribs(&matrix, Iterations::Best)
            .expect("the width is right and the trees were checked");
        let mut features = contributions.into_vec();
        let base = features.pop().expect("the last value is the base");
        Contributions { base, features }
    }
}

/// Whether these trees can serve: one probability from numbers, within the bounds.
fn check(features: &[String], trees: &BoostedModel) -> Result<(), TreesRefusal> {
    if trees.n_features() != features.len() {
        return Err(TreesRefusal::FeatureCount {
            named: features.len(),
            found: trees.n_features(),
        });
    }
    check_at_most("features", FEATURES_MAX, features.len())?;
    check_at_most("trees", TREES_MAX, trees.num_trees())?;
    let nodes = trees.trees().iter().map(|tree| tree.num_nodes()).sum();
    check_at_most("nodes", NODES_MAX, nodes)?;
    let depth = trees.trees().iter().map(|tree| tree.depth()).max();
    check_at_most("splits one below the other", DEPTH_MAX, depth.unwrap_or(0))?;
    let is_probability = matches!(
        trees.objective().built_in(),
        Some(Objective::BinaryLogistic(_) | Objective::RegLogistic(_))
    );
    let not_served = if trees.num_trees() == 0 || trees.linear().is_some() {
        Some("has no trees")
    } else if !is_probability || trees.n_outputs() != 1 {
        Some("does not give one probability")
    } else if trees
        .trees()
        .iter()
        .any(|tree| tree.has_categorical_splits())
    {
        Some("splits by categories")
    } else if trees
        .trees()
        .iter()
        .any(|tree| tree.linear_leaves().is_some())
    {
        Some("has a linear formula in its leaves")
    } else if has_negative_cover(trees) {
        Some("has splits through which fewer than no rows went")
    } else {
        None
    };
    not_served.map_or(Ok(()), |what| Err(TreesRefusal::NotServed { what }))
}

/// Contributions divide by the cover of a node.
fn has_negative_cover(trees: &BoostedModel) -> bool {
    let mut nodes = trees.trees().iter().flat_map(|tree| tree.nodes());
    nodes.any(|node| node.sum_hess < 0.0)
}

fn unreadable(reason: impl ToString) -> TreesRefusal {
    TreesRefusal::Unreadable {
        reason: reason.to_string(),
    }
}

#[cfg(test)]
mod tests;
