//! Live server: its site is replaced while it runs.
//!
//! Each version of the site is a *generation*: a thread that owns the payload, and workers that
//! borrow from it. A new generation starts on the same listeners. The one before it then accepts
//! nothing more, hands over the connections that wait for a request, and ends once its responses
//! are written, so that each response consists of the bytes of one version and nothing is leaked.

use std::{
    collections::VecDeque,
    io,
    sync::Arc,
    thread::{self, Scope, ScopedJoinHandle},
};

use super::{
    Server, ServerOptions, handover::Handover, listen::Listeners, pool::PoolSettings,
    shutdown::Stop,
};
use crate::{
    limits::{GENERATIONS_MAX, KEPT_FILES_MAX, OPENED_FILES_MAX},
    site::{FolderSite, Site},
};

/// Maximum number of files that are open for all generations, besides those of responses.
const FILES_MAX: usize = GENERATIONS_MAX * (KEPT_FILES_MAX + OPENED_FILES_MAX);

/// A running server whose site can be replaced.
#[derive(Debug)]
pub struct LiveServer<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    settings: &'env PoolSettings,
    /// The request to stop the process.
    stop: &'env Stop,
    listeners: Listeners,
    handover: Arc<Handover>,
    /// The generations that run, the newest last.
    generations: VecDeque<Generation<'scope>>,
    outcome: io::Result<()>,
}

#[derive(Debug)]
struct Generation<'scope> {
    stop: Stop,
    thread: ScopedJoinHandle<'scope, io::Result<()>>,
}

impl Server {
    /// Serves a folder, and calls `follow`, which replaces the site and returns when `stop` is
    /// requested. Then every response in progress is written, as by [`Server::run`].
    ///
    /// # Errors
    ///
    /// As for [`Server::run`].
    pub fn run_live(
        self,
        site: FolderSite,
        options: ServerOptions,
        stop: &Stop,
        follow: impl FnOnce(&mut LiveServer<'_, '_>),
    ) -> io::Result<()> {
        let settings = PoolSettings::new(options, GENERATIONS_MAX, FILES_MAX)?;
        let outcome = thread::scope(|scope| {
            let mut server = LiveServer {
                scope,
                settings: &settings,
                stop,
                listeners: self.listeners,
                handover: Arc::default(),
                generations: VecDeque::new(),
                outcome: Ok(()),
            };
            server.replace(site)?;
            follow(&mut server);
            server.shut_down()
        });
        settings.finish();
        outcome
    }
}

impl<'scope> LiveServer<'scope, '_> {
    /// Replaces the site. When this returns, each new request gets a response from the new one.
    ///
    /// # Errors
    ///
    /// If the system cannot create a poller or a thread; the site is the one from before then.
    pub fn replace(&mut self, site: FolderSite) -> io::Result<()> {
        let stop = Stop::default();
        let (nets, wakers) = self.settings.nets(&self.listeners, &stop, Some(&self.handover))?;
        let (settings, stop_process) = (self.settings, self.stop);
        let own_stop = stop.clone();
        let run = move || {
            let run = || {
                let packed = site.open().map_err(io::Error::other)?;
                settings.run(nets, Site::packed(&packed), &own_stop)
            };
            let outcome = run();
            if outcome.is_err() {
                stop_process.request();
            }
            outcome
        };
        let thread = thread::Builder::new().name("generation".to_owned());
        let thread = thread.spawn_scoped(self.scope, run)?;
        self.handover.set_successors(wakers);
        if let Some(previous) = self.generations.back() {
            previous.stop.drain(self.settings.workers);
        }
        self.generations.push_back(Generation { stop, thread });
        self.remove_ended();
        if self.generations.len() > GENERATIONS_MAX
            && let Some(oldest) = self.generations.front()
        {
            oldest.stop.abort();
        }
        Ok(())
    }

    fn remove_ended(&mut self) {
        let is_ended = |it: &Generation<'_>| it.thread.is_finished();
        while let Some(index) = self.generations.iter().position(is_ended) {
            self.generations.remove(index).into_iter().for_each(|it| self.join(it));
        }
    }

    fn join(&mut self, generation: Generation<'scope>) {
        // A panic ends the process (see `cli`), so join does not fail.
        let ended = generation.thread.join().unwrap_or(Ok(()));
        if self.outcome.is_ok() {
            self.outcome = ended;
        }
    }

    /// Stops all generations, and waits until they have ended.
    fn shut_down(self) -> io::Result<()> {
        for generation in &self.generations {
            generation.stop.request();
        }
        // When the last descriptor of the listeners is closed, the system refuses new clients.
        drop(self.listeners);
        let mut outcome = self.outcome;
        for generation in self.generations {
            outcome = outcome.and(generation.thread.join().unwrap_or(Ok(())));
        }
        outcome
    }
}
