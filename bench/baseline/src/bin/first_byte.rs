//! Starts a server and prints after how many microseconds the first byte of an answer came.
//!
//! This file owns one start, and its end: it asks again and again until somebody listens. It
//! doesn't know which server it is. It is so small that its own part of the time is, too: a start
//! by Python took a quarter of a millisecond more.

use std::env;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use rustix::thread::{CpuSet, sched_setaffinity};

/// How long a server may take for each of both, to listen and to answer.
const PATIENCE: Duration = Duration::from_secs(10);
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
    let usage = || "usage: first_byte PORT SERVERS_CPU OWN_CPU COMMAND [ARGUMENT ...]".to_owned();
    let mut arguments = env::args_os().skip(1);
    let mut number = || {
        let text = arguments.next()?.into_string().ok()?;
        text.parse::<u16>().ok()
    };
    let numbers = number().zip(number()).zip(number());
    let ((port, servers_cpu), own_cpu) = numbers.ok_or_else(usage)?;
    let mut command = Command::new(arguments.next().ok_or_else(usage)?);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // What is started begins where its parent is.
    stay_on(servers_cpu)?;
    let start = Instant::now();
    let mut server = command.spawn().map_err(|error| format!("cannot start it: {error}"))?;
    stay_on(own_cpu)?;
    let answered = first_byte(&mut server, port, start + PATIENCE);
    let took = start.elapsed();
    // What it started itself is for the caller to end.
    let ended = server.kill().and_then(|()| server.wait());
    answered?;
    ended.map_err(|error| format!("cannot end it: {error}"))?;
    Ok(took.as_micros())
}

/// Returns when the first byte of an answer has come.
fn first_byte(server: &mut Child, port: u16, deadline: Instant) -> Result<(), String> {
    let mut client = loop {
        if let Ok(client) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) {
            break client;
        }
        if let Ok(Some(status)) = server.try_wait() {
            return Err(format!("it ended before it listened: {status}"));
        }
        if Instant::now() > deadline {
            return Err("it does not listen".to_owned());
        }
    };
    let limited = client.set_read_timeout(Some(PATIENCE));
    let asked = limited.and_then(|()| client.write_all(REQUEST));
    let answered = asked.and_then(|()| client.read_exact(&mut [0]));
    answered.map_err(|error| format!("it says nothing: {error}"))
}

fn stay_on(cpu: u16) -> Result<(), String> {
    let mut one = CpuSet::new();
    one.set(cpu.into());
    sched_setaffinity(None, &one).map_err(|error| format!("cannot be on CPU {cpu}: {error}"))
}
