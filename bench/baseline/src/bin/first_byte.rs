//! Starts a server and prints the time to the first byte of its response in microseconds.
//!
//! It connects until the server listens. A program of its own, because a start from Python took a
//! quarter of a millisecond longer.

use std::env;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use rustix::thread::{CpuSet, sched_setaffinity};

/// Limit for each step: to listen, and to respond.
const STEP_MAX: Duration = Duration::from_secs(10);
const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

fn main() -> ExitCode {
    match run() {
        Ok(microseconds) => {
            println!("{microseconds}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("first_byte: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<u128, String> {
    let usage = || "usage: first_byte PORT SERVER_CPU OWN_CPU COMMAND [ARGUMENT ...]".to_owned();
    let mut arguments = env::args_os().skip(1);
    let mut number = || {
        let text = arguments.next()?.into_string().ok()?;
        text.parse::<u16>().ok()
    };
    let numbers = number().zip(number()).zip(number());
    let ((port, server_cpu), own_cpu) = numbers.ok_or_else(usage)?;
    let mut command = Command::new(arguments.next().ok_or_else(usage)?);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // A child process inherits the CPU of its parent.
    stay_on(server_cpu)?;
    let start = Instant::now();
    let mut server =
        command.spawn().map_err(|error| format!("cannot start the server: {error}"))?;
    stay_on(own_cpu)?;
    let outcome = first_byte(&mut server, port, start + STEP_MAX);
    let elapsed = start.elapsed();
    // The caller kills the children of the server.
    let killed = server.kill().and_then(|()| server.wait());
    outcome?;
    killed.map_err(|error| format!("cannot stop the server: {error}"))?;
    Ok(elapsed.as_micros())
}

/// Waits for the first byte of a response.
fn first_byte(server: &mut Child, port: u16, deadline: Instant) -> Result<(), String> {
    let mut client = loop {
        if let Ok(client) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) {
            break client;
        }
        if let Ok(Some(status)) = server.try_wait() {
            return Err(format!("the server exited before it listened: {status}"));
        }
        if Instant::now() > deadline {
            return Err("the server does not listen".to_owned());
        }
    };
    let limited = client.set_read_timeout(Some(STEP_MAX));
    let sent = limited.and_then(|()| client.write_all(REQUEST));
    let received = sent.and_then(|()| client.read_exact(&mut [0]));
    received.map_err(|error| format!("the server does not respond: {error}"))
}

fn stay_on(cpu: u16) -> Result<(), String> {
    let mut one = CpuSet::new();
    one.set(cpu.into());
    sched_setaffinity(None, &one).map_err(|error| format!("cannot move to CPU {cpu}: {error}"))
}
