export const hash = (bytes) => crypto.subtle.digest("SHA-256", bytes);
export const again = (bytes) => crypto.subtle.digest("SHA-512", bytes);
