/// The example: `ClusterTimings`, URLs fetched by a pool and by members of a cluster.
@NullMarked
package com.example.threading.cluster.demo;

import org.jspecify.annotations.NullMarked;
