//! Tests of the store through its interface.
