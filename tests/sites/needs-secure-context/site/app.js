import { hash } from "./hash.js";
const id = crypto.randomUUID();
const camera = await navigator.mediaDevices.getUserMedia({ video: true });
if (navigator.geolocation) navigator.geolocation.getCurrentPosition(show);
try {
  await navigator.wakeLock.request();
} catch {}
