importScripts("https://example.com/toolbox", "/local.js", "/none.js");
