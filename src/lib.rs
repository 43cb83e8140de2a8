//! Studwork.
