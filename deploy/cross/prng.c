// Random numbers for Rust's std under Wine. Debian 12's Wine lacks this library of Windows, so it
// is built on an older function, which Wine has. For tests only.

#include <windows.h>

BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG length);

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE buffer, SIZE_T length) {
  return SystemFunction036(buffer, (ULONG)length);
}
