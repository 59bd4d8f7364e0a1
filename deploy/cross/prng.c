// The random numbers that Rust's std asks Windows for. The Wine of Debian 12 has no such library,
// so this one hands out those of an older function, which it has. It is for the tests only.

#include <windows.h>

BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG length);

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE buffer, SIZE_T length) {
  return SystemFunction036(buffer, (ULONG)length);
}
