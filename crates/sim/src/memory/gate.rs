//! A gate before the tables, so that a test decides which commands meet in one batch.

use parking_lot::{Condvar, Mutex};

/// Open until it is closed. Whoever comes to a closed gate blocks its thread.
#[derive(Default)]
pub struct Gate {
    state: Mutex<State>,
    moved: Condvar,
}

#[derive(Default)]
struct State {
    leaf: Leaf,
    waiting: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Leaf {
    #[default]
    Open,
    Closed,
}

impl Gate {
    pub fn close(&self) {
        self.state.lock().leaf = Leaf::Closed;
    }

    pub fn open(&self) {
        self.state.lock().leaf = Leaf::Open;
        self.moved.notify_all();
    }

    /// Blocks until somebody stands before the closed gate.
    pub fn wait_for_somebody(&self) {
        let mut state = self.state.lock();
        self.moved
            .wait_while(&mut state, |state| state.waiting == 0);
    }

    /// Goes through, now or when the gate opens.
    pub(super) fn pass(&self) {
        let mut state = self.state.lock();
        state.waiting += 1;
        self.moved.notify_all();
        self.moved
            .wait_while(&mut state, |state| state.leaf == Leaf::Closed);
        state.waiting -= 1;
    }
}
