//! memory-serve, set up as documented, with the choices of a fast server: one worker is one thread
//! without a scheduler, and small packets are not delayed.

use axum::{http::StatusCode, serve::ListenerExt};
use memory_serve::{CacheControl, load};
use tokio::{net::TcpListener, runtime::Builder};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [port, workers, site] = arguments.as_slice() else {
        return Err("usage: memory-serve-peer PORT WORKERS default|files".into());
    };
    let (port, workers): (u16, usize) = (port.parse()?, workers.parse()?);
    let assets = if site == "default" { load!("default") } else { load!("files") };
    let router = assets
        .index_file(Some("/index.html"))
        .html_cache_control(CacheControl::NoCache)
        .fallback(Some("/404.html"))
        .fallback_status(StatusCode::NOT_FOUND)
        .into_router();
    let mut runtime = match workers {
        1 => Builder::new_current_thread(),
        _ => Builder::new_multi_thread(),
    };
    runtime.worker_threads(workers).enable_io().enable_time().build()?.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        println!("Listening on http://{}/", listener.local_addr()?);
        let listener = listener.tap_io(|socket| drop(socket.set_nodelay(true)));
        axum::serve(listener, router).await?;
        Ok(())
    })
}
