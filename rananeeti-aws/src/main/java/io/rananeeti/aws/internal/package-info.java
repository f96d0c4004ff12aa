/**
 * What the stores on DynamoDB and S3 have in common: the SDK's clients, what their failures mean,
 * requests that are on their way, and the face of JDBC. Public for these two only; it changes
 * without notice.
 */
@NullMarked
package io.rananeeti.aws.internal;

import org.jspecify.annotations.NullMarked;
