//! Wake-ups and CPU time of an idle server.

use std::time::Duration;

use crate::{
    activity,
    harness::{ProcessStats, Server, exclusive, idle_connections},
};

#[test]
fn an_idle_server_with_no_and_with_500_connections_takes_no_wake_ups_and_no_cpu_time() {
    let _exclusive = exclusive();
    let servers = [Server::start(), Server::start()];
    let clients = idle_connections(&servers[1], 500);
    let processes = servers.each_ref().map(|server| ProcessStats(server.process.id()));
    for activity in activity::over(Duration::from_secs(3), processes) {
        println!("{activity:?} in three seconds");
        assert!(activity.wake_ups <= 3, "{activity:?} in three seconds");
        // The count before may have been just below a tick.
        assert!(activity.cpu_ticks <= 1, "{activity:?} in three seconds");
    }
    assert_eq!(clients.len(), 500);
    for server in &servers {
        assert_eq!(server.connect().get("/book").status, 200);
    }
}
