//! Which parts there are and what they look like: the built-in shapes, the LDraw library where the user has one, and
//! placeholders for what nobody has.

pub mod build;
pub mod families;

#[cfg(test)]
mod tests;
