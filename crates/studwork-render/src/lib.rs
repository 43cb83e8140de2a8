//! Studwork render.
