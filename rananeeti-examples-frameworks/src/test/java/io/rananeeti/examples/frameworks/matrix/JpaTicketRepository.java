package io.rananeeti.examples.frameworks.matrix;

import org.springframework.data.jpa.repository.JpaRepository;

interface JpaTicketRepository extends JpaRepository<JpaTicket, Long> {}
