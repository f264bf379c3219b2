//! The life of one process of a node: it ends between any two steps, and it may stand still for a time.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;

/// One process, from its start to its crash.
pub struct Life(Mutex<State>);

struct State {
    stage: Stage,
    /// Whoever waits for the stage to change.
    waiting: Vec<Waker>,
    /// How often that was.
    changes: u64,
}

/// How a process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Running,
    /// It gets no processor, as under a stopped virtual machine.
    Paused,
    /// Nothing of it goes on, whatever it was about to do.
    Crashed,
}

/// A task of a process. It ends with nothing when the process crashes.
pub struct Alive<F: Future> {
    life: Arc<Life>,
    future: Option<Pin<Box<F>>>,
    waits_since: Option<u64>,
}

impl Default for Life {
    fn default() -> Life {
        Life(Mutex::new(State {
            stage: Stage::Running,
            waiting: Vec::new(),
            changes: 0,
        }))
    }
}

impl Life {
    pub fn stage(&self) -> Stage {
        self.0.lock().stage
    }

    /// Ends the process. Its tasks are dropped before any of them does another step.
    pub fn crash(&self) {
        self.enter(Stage::Crashed);
    }

    pub fn pause(&self) {
        self.enter(Stage::Paused);
    }

    pub fn resume(&self) {
        self.enter(Stage::Running);
    }

    /// A task that belongs to this process.
    pub fn alive<F: Future>(self: &Arc<Self>, future: F) -> Alive<F> {
        Alive {
            life: Arc::clone(self),
            future: Some(Box::pin(future)),
            waits_since: None,
        }
    }

    fn enter(&self, stage: Stage) {
        let mut state = self.0.lock();
        if state.stage == Stage::Crashed {
            return;
        }
        state.stage = stage;
        state.changes += 1;
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        waiting.into_iter().for_each(Waker::wake);
    }
}

impl<F: Future> Alive<F> {
    /// The stage of the process; whoever polls is told when it changes.
    fn stage(&mut self, context: &Context<'_>) -> Stage {
        let mut state = self.life.0.lock();
        if self.waits_since != Some(state.changes) {
            self.waits_since = Some(state.changes);
            state.waiting.push(context.waker().clone());
        }
        state.stage
    }
}

impl<F: Future> Future for Alive<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<F::Output>> {
        match self.stage(context) {
            Stage::Running => {}
            Stage::Paused => return Poll::Pending,
            Stage::Crashed => {
                self.future = None;
                return Poll::Ready(None);
            }
        }
        let Some(future) = &mut self.future else {
            return Poll::Ready(None);
        };
        let polled = future.as_mut().poll(context);
        // The crash may have come from within: then the step was the last one, and its result is nobody's.
        if self.life.stage() == Stage::Crashed {
            self.future = None;
            return Poll::Ready(None);
        }
        polled.map(Some)
    }
}
