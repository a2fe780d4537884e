//! What is linked in place of the unwinder where a panic ends the process: its functions, doing nothing.
//!
//! The standard library can print a backtrace, with all that reads the debugging information for it. `main` sets a panic hook
//! that prints none, which the compiler can't know. Seeing here that no stack is ever walked, it leaves the whole machinery out.
//! A crate of its own, for `matrix_access_token` forbids unsafe code, and the name of a symbol counts as such.

// 32-bit ARM unwinds by other functions.
#![cfg(all(panic = "abort", not(target_arch = "arm")))]

macro_rules! does_nothing {
    ($($function:ident)*) => {
        $(
            // SAFETY: the unwinder's own is not linked then: two functions of one name are an error of the linker.
            #[unsafe(no_mangle)]
            extern "C" fn $function() -> usize {
                0
            }
        )*
    };
}

does_nothing! {
    _Unwind_Backtrace _Unwind_FindEnclosingFunction _Unwind_GetCFA _Unwind_GetDataRelBase _Unwind_GetIP _Unwind_GetIPInfo
    _Unwind_GetLanguageSpecificData _Unwind_GetRegionStart _Unwind_GetTextRelBase _Unwind_SetGR _Unwind_SetIP
}

// SAFETY: as above. Only reached by unwinding, which there is none of.
#[unsafe(no_mangle)]
extern "C" fn _Unwind_Resume() -> ! {
    std::process::abort()
}
