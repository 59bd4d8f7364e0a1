//! Start of a site as an app: at its own port, or as another window of the process that has it.

use std::{
    io::{self, IsTerminal},
    path::PathBuf,
    sync::Arc,
    thread,
};

use super::{
    WindowArguments, browsers,
    data_folder::{DataFolder, RecordedPlace},
    default_browser::{self, DefaultBrowser},
    notice::Notice,
    origin, profile_lock,
    running_site::identity_at,
    window::{Closed, Window, WindowSettings},
};
#[cfg(windows)]
use crate::cli::win32;
use crate::{
    cli::{failure::Failure, output::warn, title::printable},
    server::{Activity, Addresses, ListenError, Port, Server, Stop},
    site::Identity,
};

/// A site that is started as an app.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Launch {
    identity: Identity,
    title: String,
    home: String,
    /// The browser for the window, if one can show it.
    browser: Option<PathBuf>,
    /// Whether its user has chosen the browser.
    is_browser_chosen: bool,
    is_kiosk: bool,
    folder: Option<DataFolder>,
}

/// Where a site is served.
#[derive(Debug)]
pub(in crate::cli) enum Place {
    /// By this process.
    Here(Server),
    /// By another process, at this port.
    Elsewhere(u16),
}

/// An app that is open.
#[derive(Debug)]
pub(in crate::cli) struct Opened {
    window: Option<Window>,
    /// Receives whether the server is used.
    pub(in crate::cli) activity: Arc<Activity>,
}

impl Opened {
    /// Closes the window, if there is one that is open.
    pub(in crate::cli) fn close(&self) {
        if let Some(window) = &self.window {
            window.close();
        }
    }
}

impl Launch {
    /// A site with this title, and this path of its home page. The error is that a browser or a
    /// kiosk was requested, and there cannot be a window.
    pub(in crate::cli) fn new(
        identity: Identity,
        title: Option<&str>,
        home: &str,
        arguments: &WindowArguments,
    ) -> Result<Self, Failure> {
        let is_browser_chosen = arguments.browser.is_some();
        let folder = match DataFolder::create(&identity.name) {
            Err(error) if is_browser_chosen || arguments.kiosk => {
                return Err(Failure::error(format_args!(
                    "cannot create the folder for what the browser keeps: {error}"
                )));
            }
            folder => folder.ok(),
        };
        // Without a profile of its own, the window would be one of the user's browser.
        let browser = || arguments.browser.clone().or_else(browsers::find);
        let browser = folder.as_ref().and_then(|_| browser());
        if arguments.kiosk && browser.is_none() {
            return Err(Failure::error(
                "--kiosk needs Edge, Chrome, Chromium, Brave or Vivaldi; install one of them, or \
                 name it with --browser",
            ));
        }
        // A dialog is no larger than a screen, and shows what it says.
        let title = title.map(printable).filter(|it| !it.is_empty());
        Ok(Self {
            title: title.unwrap_or_else(|| identity.name.clone()),
            identity,
            home: home.to_owned(),
            browser,
            is_browser_chosen,
            is_kiosk: arguments.kiosk,
            folder,
        })
    }

    /// Listens at this port, or else at that of the site or the next one that is free, unless
    /// another process serves the same site there.
    pub(in crate::cli) fn listen(
        &self,
        addresses: &Addresses,
        port: Option<u16>,
    ) -> Result<Place, ListenError> {
        let last = self.last_place();
        if let Some(last) = last.as_ref().map(|it| it.port)
            && port.is_none()
            && self.is_served_at(last)
        {
            return Ok(Place::Elsewhere(last));
        }
        if let Some(port) = port {
            return match Server::listen(addresses, Port::Exactly(port)) {
                Err(error) if error.is_in_use() && self.is_open_at(port) => {
                    Ok(Place::Elsewhere(port))
                }
                outcome => outcome.map(Place::Here),
            };
        }
        // A tab of the default browser may still show the last port.
        let last = last.filter(|it| it.is_tab || self.browser.is_none()).map(|it| it.port);
        for port in last.into_iter().chain(origin::ports(&self.identity.name)) {
            match Server::listen(addresses, Port::FirstFreeOf(port..=port)) {
                Ok(server) => return Ok(Place::Here(server)),
                Err(error) if !error.is_in_use() => return Err(error),
                Err(_) if self.is_open_at(port) => return Ok(Place::Elsewhere(port)),
                Err(_) => {}
            }
        }
        Server::listen(addresses, Port::Exactly(0)).map(Place::Here)
    }

    fn last_place(&self) -> Option<RecordedPlace> {
        self.folder.as_ref().and_then(DataFolder::last_place)
    }

    /// Whether a process of this user serves the site: it has recorded the port before it answers.
    fn is_open_at(&self, port: u16) -> bool {
        let is_recorded = || self.last_place().is_some_and(|it| it.port == port);
        self.is_served_at(port) && (self.folder.is_none() || is_recorded())
    }

    fn is_served_at(&self, port: u16) -> bool {
        let same =
            |it: Identity| it.name == self.identity.name && it.root_hash == self.identity.root_hash;
        identity_at(port).is_some_and(same)
    }

    /// Opens the site that another process serves.
    pub(in crate::cli) fn open_elsewhere(&self, port: u16) -> Result<(), Failure> {
        let recorded = self.last_place().filter(|it| it.port == port);
        let is_tab = recorded.as_ref().is_some_and(|it| it.is_tab);
        let url = recorded.map_or_else(|| self.url(port), |it| it.url);
        let settings = self.window_settings(port).filter(|_| !is_tab);
        if let Some(settings) = settings {
            let settings = WindowSettings { moved: None, url, ..settings };
            return settings.open_another().map_err(|error| self.not_started(&error));
        }
        default_browser::open_and_wait(&self.default_url(port), &self.title);
        Ok(())
    }

    /// Opens the site that this process is going to serve at a port. When the window is closed,
    /// `stop` is requested.
    pub(in crate::cli) fn open(&self, port: u16, stop: &Stop) -> Result<Opened, Failure> {
        #[cfg(windows)]
        win32::close_own_console();
        let activity = Arc::<Activity>::default();
        let by_default = DefaultBrowser {
            url: self.default_url(port),
            title: self.title.clone(),
            activity: Arc::clone(&activity),
            stop: stop.clone(),
        };
        let Some(settings) = self.window_settings(port) else {
            self.open_tab(port, by_default);
            return Ok(Opened { window: None, activity });
        };
        if settings.moved.is_none() && port != origin::port(&self.identity.name) {
            self.show_other_port(port);
        }
        self.record(port, &settings.url, false);
        let (stopper, launch, tab) = (stop.clone(), self.clone(), by_default.clone());
        let closed = move |closed| match closed {
            Closed::Ended => drop(stopper.request()),
            Closed::NotShown => launch.open_tab(port, tab),
        };
        match settings.open(stop, closed) {
            Ok(window) => Ok(Opened { window: Some(window), activity }),
            Err(error) if self.is_browser_chosen => Err(self.not_started(&error)),
            Err(_) => {
                self.open_tab(port, by_default);
                Ok(Opened { window: None, activity })
            }
        }
    }

    /// Opens the site in a tab of the default browser, and so does the next start.
    fn open_tab(&self, port: u16, browser: DefaultBrowser) {
        self.warn_of_other_port(port);
        self.record(port, &browser.url, true);
        browser.open();
    }

    /// Says on the desktop, too, that the site does not find what it has stored: this happens if
    /// another version of it is open.
    fn show_other_port(&self, port: u16) {
        self.warn_of_other_port(port);
        if io::stdout().is_terminal() {
            return;
        }
        let title = self.title.clone();
        let show = move || {
            let text = format!(
                "Another version of “{title}” is open, so this one does not find what was stored \
                 there. Close both, and open this one again, if it should."
            );
            Notice { title: &title, text: &text, on_close: "", button: "Close" }.show();
        };
        // Without a thread, the line on stderr has to do.
        let _ = thread::Builder::new().name("notice".to_owned()).spawn(show);
    }

    fn warn_of_other_port(&self, port: u16) {
        let own = origin::port(&self.identity.name);
        if port != own {
            warn(format_args!(
                "this site is at port {port} instead of its own, {own}; what the browser keeps for \
                 it is kept for each port"
            ));
        }
    }

    fn record(&self, port: u16, url: &str, is_tab: bool) {
        if let Some(folder) = &self.folder {
            folder.record(&RecordedPlace { port, url: url.to_owned(), is_tab });
        }
    }

    /// The window of the site, if a browser can show it. If the server listens on another port than
    /// that of the site, the browser maps one to the other, so that it finds what it has kept. One
    /// that runs already does not.
    fn window_settings(&self, port: u16) -> Option<WindowSettings> {
        let (browser, folder) = (self.browser.clone()?, self.folder.as_ref()?);
        let profile = folder.profile(&browser);
        let own = origin::port(&self.identity.name);
        let is_moved = port != own && !profile_lock::is_held(&profile);
        Some(WindowSettings {
            browser,
            profile,
            name: self.identity.name.clone(),
            url: self.url(if is_moved { own } else { port }),
            moved: is_moved.then_some((own, port)),
            is_kiosk: self.is_kiosk,
        })
    }

    /// The URL of the site at its own host.
    fn url(&self, port: u16) -> String {
        origin::url(&self.identity.name, port, &self.home)
    }

    /// The URL for the default browser. Safari does not resolve the names below `localhost`.
    fn default_url(&self, port: u16) -> String {
        if cfg!(target_os = "macos") {
            return format!("http://localhost:{port}{}", self.home);
        }
        self.url(port)
    }

    fn not_started(&self, error: &io::Error) -> Failure {
        let browser = self.browser.clone().unwrap_or_default();
        Failure::error(format_args!("cannot start the browser `{}`: {error}", browser.display()))
    }
}
