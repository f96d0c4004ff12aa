/** S3: a store of objects, alone or in units of work with other stores. */
@NullMarked
package io.rananeeti.s3;

import org.jspecify.annotations.NullMarked;
