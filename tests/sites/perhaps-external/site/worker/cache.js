importScripts("../local.js", "https://example.com/cache");
