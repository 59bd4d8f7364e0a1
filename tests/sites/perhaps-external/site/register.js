navigator.serviceWorker.register("worker/cache.js");
