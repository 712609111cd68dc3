/// The map of a pool, with its function applied on other machines. The file to read first is
/// `Cluster`. `Slots` knows which thread of which member is free, and `Member` is what runs on the
/// other machines. Copy the three together, beside the pool; they need Hazelcast.
@NullMarked
package com.example.threading.cluster;

import org.jspecify.annotations.NullMarked;
