/* Preloaded into wrk, so that each of its connections begins with a full handshake. wrk clears its
   session before it connects again, and OpenSSL keeps the ticket of a cleared one. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>

int SSL_set_session(void *connection, void *session);

int SSL_clear(void *connection) {
  int (*clear)(void *) = (int (*)(void *))dlsym(RTLD_NEXT, "SSL_clear");
  SSL_set_session(connection, NULL);
  return clear(connection);
}
