//! Bounds of models, of what they are trained from and of their files.

/// Features of one model.
pub const FEATURES_MAX: usize = 512;
/// Bytes in the name of a feature.
pub const FEATURE_NAME_BYTES_MAX: usize = 128;
/// Trees of one model.
pub const TREES_MAX: usize = 4_096;
/// Splits between the root of a tree and its deepest leaf.
pub const DEPTH_MAX: usize = 32;
/// Nodes of all trees of one model.
pub const NODES_MAX: usize = 1 << 19;
/// Bytes of the trees within a model file.
pub const TREE_BYTES_MAX: usize = 48 << 20;
/// Bytes of what a model file says about its trees.
pub const MANIFEST_BYTES_MAX: usize = 4 << 20;
/// Bytes of a model that another program trained. Reading JSON takes about sixteen times as much memory for a moment.
pub const IMPORT_BYTES_MAX: usize = 32 << 20;
/// Rows of a training set.
pub const ROWS_MAX: usize = 20_000_000;
/// Values of a training set, all rows together: a gibibyte.
pub const VALUES_MAX: usize = 1 << 28;
/// The largest weight of a row: an attempt that was let through although it would have been blocked counts for at most
/// this many, or a handful of them would rule the model.
pub const WEIGHT_MAX: f32 = 1_000.0;
