// Starts chapbook.exe without arguments, as the file manager of Windows does, and stops it at the
// end of standard input. Chapbook recognizes the file manager by the name of this executable.

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
