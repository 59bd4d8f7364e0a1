// Reloads the page when the site changes. If only style sheets change, they are replaced.
(() => {
  "use strict";
  const events = new URL("events", document.currentScript.src);
  let styles = "STYLES";
  let rest = "REST";
  let source = null;

  function replaceStyles() {
    const links = [...document.querySelectorAll('link[rel~="stylesheet"][href]')];
    const own = links.filter((link) => new URL(link.href).origin === location.origin);
    // The page may have its styles from an `@import`.
    if (own.length === 0) return location.reload();
    for (const link of own) {
      const url = new URL(link.href);
      url.searchParams.set("reload", styles);
      const next = link.cloneNode();
      next.href = url;
      // The old one stays until the new one applies, so that nothing flashes.
      next.onload = next.onerror = () => link.remove();
      link.after(next);
    }
  }

  function update(event) {
    const [newStyles, newRest] = event.data.split(" ");
    if (newRest !== rest) return location.reload();
    if (newStyles === styles) return;
    styles = newStyles;
    replaceStyles();
  }

  function connect() {
    if (source || document.hidden) return;
    source = new EventSource(events);
    source.onmessage = update;
  }

  // Browsers open six connections at a time, which hidden pages must not use up.
  function disconnect() {
    if (source) source.close();
    source = null;
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? disconnect() : connect()));
  addEventListener("pagehide", disconnect);
  addEventListener("pageshow", connect);
  connect();
})();
