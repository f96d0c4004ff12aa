package io.rananeeti.examples.frameworks.matrix;

import java.util.UUID;
import org.springframework.data.jpa.repository.JpaRepository;

interface JpaParcelRepository extends JpaRepository<JpaParcel, UUID> {}
