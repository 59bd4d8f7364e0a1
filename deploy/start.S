/* The way in, before that of the C library, of what is released for x86-64.

   An executable that may lie at any address has its tables of addresses corrected at each start:
   there is a write to each page of them, at which the system stops the program and copies the page.
   Told beforehand, it copies them all in one call, and the first answer comes a twentieth earlier.
   Linux has this since 5.14; before, it says no, and the pages are copied one by one.

   What the kernel hands over to `_start` is in %rsp, and in %rdx, which is 0. */

#define MADVISE 28
#define MADV_POPULATE_WRITE 23

  .globl chapbook_start
  .hidden __init_array_start
  .hidden _edata
chapbook_start:
  lea __init_array_start(%rip), %rdi
  and $-4096, %rdi
  lea _edata(%rip), %rsi
  sub %rdi, %rsi
  mov $MADV_POPULATE_WRITE, %edx
  mov $MADVISE, %eax
  syscall
  xor %edx, %edx
  jmp _start

  .section .note.GNU-stack, "", @progbits
