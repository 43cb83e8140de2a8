//! Talks to a co-creation portal. All of it blocks: callers run it on a thread of its own.
