/** DynamoDB: a store, and what the nodes of a platform share. */
@NullMarked
package io.rananeeti.dynamo;

import org.jspecify.annotations.NullMarked;
