export const go = (path) => history.pushState({}, "", path); addEventListener("popstate", () => go(location.pathname));
