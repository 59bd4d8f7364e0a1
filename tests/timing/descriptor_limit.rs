//! CPU time of a server without free file descriptors.

use std::time::Duration;

use crate::{
    activity,
    harness::{ProcessStats, exclusive, flood, pause, serve_with_few_descriptors},
};

#[test]
fn waiting_for_a_descriptor_takes_hardly_any_cpu_time() {
    let _exclusive = exclusive();
    for has_extra_files in [false, true] {
        let server = serve_with_few_descriptors(has_extra_files);
        let _clients = flood(&server, 300);
        let mut waiting = server.connect();
        waiting.send("GET /book HTTP/1.1\r\nHost: a\r\n\r\n");
        pause(Duration::from_millis(100));
        let process = ProcessStats(server.process.id());
        let [activity] = activity::over(Duration::from_secs(1), [process]);
        println!("{activity:?} in a second");
        assert!(waiting.has_received_nothing(), "a descriptor was free");
        assert!(activity.cpu_ticks < 5, "{activity:?} in a second");
    }
}
