/// The map of a pool, with its function applied on other machines. Read `Cluster` first. `Slots`
/// knows which thread of which member is free, and `Member` runs on the other machines. Copy the
/// three files together with those of the pool; they need Hazelcast.
@NullMarked
package com.example.threading.cluster;

import org.jspecify.annotations.NullMarked;
