// Starts chapbook.exe without arguments, as the file manager of Windows does, and ends it when its
// own standard input ends. Which program it was started by, Windows tells by the name of this one.

#include <windows.h>
#include <stdio.h>

int main(void) {
  STARTUPINFOA startup = {.cb = sizeof startup};
  PROCESS_INFORMATION process;
  char command[] = "chapbook.exe";
  if (!CreateProcessA(NULL, command, NULL, NULL, FALSE, CREATE_NEW_CONSOLE, NULL, NULL, &startup,
                      &process))
    return 1;
  while (getchar() != EOF) {
  }
  TerminateProcess(process.hProcess, 0);
  return 0;
}
