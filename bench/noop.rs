//! The floor that no module can beat: it reads its arguments, as every module must, and has nothing to do.

fn main() {
    let arguments = std::env::args_os().nth(1).and_then(|file| std::fs::read(file).ok());
    if arguments.is_none() {
        std::process::exit(1);
    }
    println!(r#"{{"changed": false}}"#);
}
