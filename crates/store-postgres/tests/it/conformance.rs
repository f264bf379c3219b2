//! The suite that every backend passes.

store::conformance_suite!(crate::harness::OnServer);
