//! Differences between operating systems, under the same names: sockets and readiness in `linux/`
//! and `portable.rs`, limits and signals in `unix.rs` and `windows.rs`.

#[cfg(target_os = "linux")]
mod linux;
mod net;
#[cfg(not(target_os = "linux"))]
mod portable;
#[cfg(unix)]
mod unix;
#[cfg(not(unix))]
mod windows;

#[cfg(target_os = "linux")]
use self::linux as sockets;
#[cfg(not(target_os = "linux"))]
use self::portable as sockets;
#[cfg(unix)]
use self::unix as process;
#[cfg(not(unix))]
use self::windows as process;

pub(super) use self::{
    net::SystemNet,
    process::{SignalReader, is_exhausted, raise_descriptor_limit, reuse_address, stderr_has_room},
    sockets::{adopt, defer_accept, open_executable, take_inherited},
};
