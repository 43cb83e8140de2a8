//! The tests of the program as people use it, in one binary.

mod actions;
mod editor;
mod files;
