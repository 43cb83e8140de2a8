//! The co-creation portal: one server, a database and a store.
