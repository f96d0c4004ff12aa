/** A Spring Boot application as anybody would write it: nothing in it knows of the platform. */
package io.rananeeti.examples.frameworks.shop;
