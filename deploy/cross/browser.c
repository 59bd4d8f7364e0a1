// Stands for a browser of the Chromium family: appends its command line to a file, and runs until
// there is a file `close`. Both are in the folder that BROWSER_FOLDER names.

#include <windows.h>
#include <stdio.h>

int WINAPI WinMain(HINSTANCE instance, HINSTANCE previous, LPSTR line, int show) {
  char path[MAX_PATH];
  snprintf(path, sizeof path, "%s/opened", getenv("BROWSER_FOLDER"));
  FILE *opened = fopen(path, "a");
  if (!opened) return 1;
  fprintf(opened, "%s\n", line);
  fclose(opened);
  snprintf(path, sizeof path, "%s/close", getenv("BROWSER_FOLDER"));
  while (GetFileAttributesA(path) == INVALID_FILE_ATTRIBUTES) Sleep(50);
  return 0;
}
