//! What is told of the node and its platform.

use std::sync::Arc;

use telemetry::http_figures::HttpFigures;
use telemetry::node::Node;
use telemetry::platform::{self, ShownLog};
use telemetry::routes::Telemetry;

use crate::platform::{Judging, Platform};

impl Platform {
    /// Metrics of the platform, and of the node that starts now and whose server counts here.
    pub fn telemetry(&self, http: Arc<HttpFigures>) -> Telemetry {
        Telemetry {
            node: Node {
                version: env!("CARGO_PKG_VERSION"),
                started_at: self.clock.now(),
                http,
                engine: Arc::clone(&self.engine),
                guard: Arc::clone(&self.guard),
                risk: Arc::clone(&self.risk),
                deliveries: Arc::clone(&self.deliveries),
                leases: Arc::clone(&self.leases),
                database: self.shared_store(),
            },
            platform: platform::Platform::new(self.asked()),
        }
    }

    fn asked(&self) -> platform::Ports {
        let judged = self.judging == Judging::On;
        platform::Ports {
            store: self.store_port(),
            outbox: self.outbox_port(),
            clock: Arc::clone(&self.clock),
            risk: judged.then(|| Arc::clone(&self.risk)),
            log: self.log.as_ref().map(|log| ShownLog {
                origin: log.origin().to_owned(),
                storage: self.backend.log_storage(),
                liabilities: self.publisher().ports().clone(),
            }),
        }
    }
}
